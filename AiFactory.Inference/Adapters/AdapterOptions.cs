using System.ComponentModel.DataAnnotations;

namespace AiFactory.Inference.Adapters;

/// <summary>The settings under <c>Adapters</c>.</summary>
internal sealed class AdapterOptions : IValidatableObject
{
    public const string Section = "Adapters";

    /// <summary>The folder whose files <c>/v1/load_lora_adapter</c> may name; not set, it may name none.</summary>
    public string? Folder { get; set; }

    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (Folder is { Length: > 0 } && !Path.IsPathFullyQualified(Folder))
        {
            yield return new ValidationResult($"Adapters:Folder is '{Folder}', which is not an absolute path.");
        }
    }
}
