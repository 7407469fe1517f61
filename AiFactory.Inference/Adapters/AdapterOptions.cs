using System.ComponentModel.DataAnnotations;

namespace AiFactory.Inference.Adapters;

/// <summary>The settings under <c>Adapters</c>.</summary>
internal sealed class AdapterOptions : IValidatableObject
{
    public const string Section = "Adapters";

    /// <summary>The folder whose files <c>/v1/load_lora_adapter</c> may name; not set, it may name none.</summary>
    public string? Folder { get; set; }

    /// <summary>What the keys of objects that <c>/v1/load_lora_adapter</c> may name begin with, such as <c>adapters/</c>; empty for any. The settings may name others.</summary>
    public string Prefix { get; set; } = "";

    /// <summary>Bytes that an adapter's file may have: an object's are known before it is fetched.</summary>
    [Range(1, long.MaxValue, ErrorMessage = "Adapters:LargestBytes must be at least 1, in bytes.")]
    public long LargestBytes { get; set; } = 2L << 30;

    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (Folder is { Length: > 0 } && !Path.IsPathFullyQualified(Folder))
        {
            yield return new ValidationResult($"Adapters:Folder is '{Folder}', which is not an absolute path.");
        }

        if (Prefix.Length > 0 && (Prefix[0] == '/' || Prefix.Contains("://", StringComparison.Ordinal) || Prefix.Any(sign => sign == '\\' || char.IsControl(sign)) || Prefix.Split('/').Any(part => part is "." or "..")))
        {
            yield return new ValidationResult($"Adapters:Prefix must be the beginning of an object's key, such as adapters/, without its bucket: '{Prefix}' is none.");
        }
    }
}
