using Microsoft.Extensions.Options;

namespace AiFactory.Inference.OpenAI;

/// <summary>Bounds how many requests tokenize at once: tokenizing takes a processor from the engines, and memory of four bytes for each byte of text.</summary>
internal sealed class TokenizerGate(IOptions<OpenAIOptions> options) : IDisposable
{
    private readonly SemaphoreSlim _places = new(options.Value.EffectiveTokenizations);

    public async Task<T> RunAsync<T>(Func<T> tokenize, CancellationToken cancellationToken)
    {
        await _places.WaitAsync(cancellationToken);
        try
        {
            return tokenize();
        }
        finally
        {
            _places.Release();
        }
    }

    public void Dispose() => _places.Dispose();
}
