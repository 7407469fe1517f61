using AiFactory.Inference.Native;
using AiFactory.Inference.Weights.Gguf;

namespace AiFactory.Inference.Probe;

/// <summary>As <see cref="Loads"/>, for adapters beside one model: each that is not refused computes a prompt and a token.</summary>
internal static class Adapters
{
    public static int Run(string model, TextReader paths, TextWriter answers)
    {
        using var loaded = LlamaModel.Open(model);
        using var context = LlamaContext.Open(loaded, new LlamaContextOptions(64, 64, 64, 1, 1, 0, Embeddings: false, UnifiedCache: false));
        while (paths.ReadLine() is { } path)
        {
            answers.WriteLine(Try(loaded, context, model, path).ReplaceLineEndings(" "));
            answers.Flush();
        }

        return 0;
    }

    private static string Try(LlamaModel model, LlamaContext context, string basis, string path)
    {
        try
        {
            GgufAdapterRules.Check(GgufHeader.Read(path), [GgufHeader.Read(basis)]);
            using var adapter = LlamaAdapter.Open(model, path);
            context.Use(adapter);
            context.Clear();
            var batch = new LlamaBatchBuffer(64);
            for (var index = 0; index < 9; index++)
            {
                batch.Add(index + 3, index, 0, index == 8);
            }

            var whole = context.Decode(batch);
            batch.Clear();
            batch.Add(3, 9, 0, true);
            var one = context.Decode(batch);
            context.Use(null);
            return whole == LlamaDecodeResult.Done && one == LlamaDecodeResult.Done ? "used" : $"failed {whole} {one}";
        }
        catch (GgufException error)
        {
            return $"refused {error.Message}";
        }
        catch (LlamaException error)
        {
            return $"failed {error.Message}";
        }
    }
}
