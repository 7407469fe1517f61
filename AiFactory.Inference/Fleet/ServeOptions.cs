using System.ComponentModel.DataAnnotations;
using AiFactory.Contracts;

namespace AiFactory.Inference.Fleet;

/// <summary>The settings under <c>Serve</c>: the one model of a worker that takes no orders from the library, such as a pod of KServe's. Without a deployment's name it takes orders.</summary>
internal sealed class ServeOptions : IValidatableObject
{
    public const string Section = "Serve";

    public string? Deployment { get; set; }

    public string Project { get; set; } = "default";

    [AllowedValues(ModelTasks.Chat, ModelTasks.Embedding, ErrorMessage = "Serve:Task must be 'chat' or 'embedding'.")]
    public string Task { get; set; } = ModelTasks.Chat;

    /// <summary>Where the weights lie in object storage.</summary>
    public string ObjectKey { get; set; } = "";

    /// <summary><c>sha256:</c> and lower-case hex.</summary>
    public string Digest { get; set; } = "";

    [Range(0, long.MaxValue, ErrorMessage = "Serve:SizeBytes must not be negative.")]
    public long SizeBytes { get; set; }

    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (Deployment is { Length: > 0 } && (ObjectKey.Length == 0 || Digest.Length == 0 || SizeBytes == 0))
        {
            yield return new ValidationResult("Serve:Deployment needs Serve:ObjectKey, Serve:Digest and Serve:SizeBytes: what is served, and that it is that.");
        }
    }
}
