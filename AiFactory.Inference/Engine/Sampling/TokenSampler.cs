using AiFactory.Inference.Native;

namespace AiFactory.Inference.Engine.Sampling;

/// <summary>Chooses the tokens of one request, and keeps what that needs of those chosen before. Only the engine's thread touches it.</summary>
/// <param name="contextLength">Tokens that penalties look back on.</param>
internal sealed class TokenSampler(LlamaModel model, GenerationRequest request, int contextLength) : IDisposable
{
    private readonly LlamaSampler _chain = LlamaSampler.Open(model, request.Sampling, request.Prompt, contextLength);

    /// <param name="outputIndex">Where this request's logits are in the batch.</param>
    public int Next(LlamaContext context, LlamaBatchBuffer batch, int outputIndex) => _chain.Sample(context, batch, outputIndex);

    public void Dispose() => _chain.Dispose();
}
