using AiFactory.Inference.Fleet;
using AiFactory.Inference.Native;
using AiFactory.Inference.Serving;
using AiFactory.Inference.Weights;
using Microsoft.Extensions.Hosting.Internal;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace AiFactory.Inference.Probe;

/// <summary>Dies of a failed assertion of llama.cpp, as a worker would that serves.</summary>
internal static class Death
{
    public static int Run(string path, string cache, string digest)
    {
        using var guard = new LoadGuard(
            Options.Create(new WeightsOptions { Directory = cache }), Options.Create(new WorkerOptions()), TimeProvider.System, new ApplicationLifetime(NullLogger<ApplicationLifetime>.Instance), NullLogger<LoadGuard>.Instance);
        using var model = LlamaModel.Open(path);
        model.Dying = reason => guard.Note(digest, reason);
        using var context = LlamaContext.Open(model, new LlamaContextOptions(64, 32, 32, 1, 1, 0, Embeddings: false, UnifiedCache: false));
        var batch = new LlamaBatchBuffer(64);
        for (var index = 0; index < 64; index++)
        {
            batch.Add(1, index, 0, index == 63);
        }

        using var computing = LlamaAbort.Enter(model);
        return LlamaNative.llama_decode(context.Pointer, batch.ToNative());
    }
}
