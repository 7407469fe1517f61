using System.ComponentModel.DataAnnotations;

namespace AiFactory.Inference.OpenAI;

/// <summary>The settings under <c>OpenAI</c>: what one request may cost before an engine sees it.</summary>
internal sealed class OpenAIOptions
{
    public const string Section = "OpenAI";

    /// <summary>The largest body, in bytes: above the gateway's limit (32 MiB), so that the gateway refuses first, and with a word of why.</summary>
    [Range(1024, 1 << 30, ErrorMessage = "OpenAI:MaxRequestBodyBytes must lie between 1024 and 1073741824.")]
    public int MaxRequestBodyBytes { get; set; } = 34 * 1024 * 1024;

    /// <summary>Requests whose text is tokenized at the same time; the others wait. 0 takes one for each processor.</summary>
    [Range(0, 1024, ErrorMessage = "OpenAI:Tokenizations must lie between 0 and 1024.")]
    public int Tokenizations { get; set; }

    public int EffectiveTokenizations => Tokenizations > 0 ? Tokenizations : Environment.ProcessorCount;
}
