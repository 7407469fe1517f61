using System.ComponentModel.DataAnnotations;
using AiFactory.Contracts;
using AiFactory.Inference.Adapters;
using AiFactory.Inference.Weights;

namespace AiFactory.Inference.Fleet;

/// <summary>
/// The settings under <c>Serve</c>, or their variables (<see cref="ServeEnvironment"/>): the one model of a worker that takes no orders from the library, such as a pod of KServe's.
/// Without <see cref="Uri"/> and a deployment's name it takes orders.
/// </summary>
internal sealed class ServeOptions : IValidatableObject
{
    public const string Section = "Serve";

    /// <summary>Where the model lies: see <see cref="ModelUri"/>.</summary>
    public string? Uri { get; set; }

    /// <summary>The name that clients send as <c>model</c>; the file's, when only <see cref="Uri"/> is set.</summary>
    public string? Deployment { get; set; }

    public string Project { get; set; } = "default";

    /// <summary>Empty takes it from the file.</summary>
    [AllowedValues("", ModelTasks.Chat, ModelTasks.Embedding, ModelTasks.Rerank, ErrorMessage = "Serve:Task must be 'chat', 'embedding' or 'rerank', or empty, then the file says.")]
    public string Task { get; set; } = "";

    /// <summary>Where the weights lie in the factory's object storage, in the place of <see cref="Uri"/>.</summary>
    public string ObjectKey { get; set; } = "";

    /// <summary><c>sha256:</c> and lower-case hex; of a model in several files one for each, with commas between them.</summary>
    public string Digest { get; set; } = "";

    [Range(0, long.MaxValue, ErrorMessage = "Serve:SizeBytes must not be negative.")]
    public long SizeBytes { get; set; }

    [Range(16, 1 << 20, ErrorMessage = "Serve:ContextLength must lie between 16 and 1048576 tokens.")]
    public int? ContextLength { get; set; }

    [Range(1, 256, ErrorMessage = "Serve:Slots must lie between 1 and 256.")]
    public int? Slots { get; set; }

    /// <summary>One of <see cref="Quantizations"/>; null serves the weights as they are.</summary>
    public string? Quantization { get; set; }

    /// <summary>LoRA adapters that the model has from the start: see <see cref="AdapterOrder"/>.</summary>
    public string? Adapters { get; set; }

    /// <summary>What callers send as <c>Authorization: Bearer</c>, beside the factory's own identities.</summary>
    [MinLength(16, ErrorMessage = "Serve:ApiKey (AIFACTORY_API_KEY) must have at least 16 characters.")]
    public string? ApiKey { get; set; }

    public bool AllowHttp { get; set; }

    /// <summary>Whether there is one model by settings.</summary>
    public bool IsOne => Uri is { Length: > 0 } || Deployment is { Length: > 0 };

    /// <summary>Null when the factory's object storage has it, or there is none.</summary>
    /// <exception cref="FormatException">It is none; the message says what is wrong.</exception>
    public ModelUri? Model => Uri is { Length: > 0 } text ? ModelUri.Parse(text, AllowHttp) : null;

    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (Quantization is { Length: > 0 } && !Quantizations.All.Contains(Quantization))
        {
            yield return new ValidationResult($"Serve:Quantization (AIFACTORY_QUANTIZATION) must be one of {string.Join(", ", Quantizations.All)}, or empty.");
        }

        if (AdapterComplaint() is { } adapters)
        {
            yield return new ValidationResult($"Serve:Adapters (AIFACTORY_LORA_MODULES): {adapters}.");
        }

        if (Uri is { Length: > 0 })
        {
            if (ObjectKey.Length > 0)
            {
                yield return new ValidationResult("Serve:Uri (AIFACTORY_MODEL_URI) and Serve:ObjectKey are both set: the model lies in one place.");
            }

            if (Complaint() is { } complaint)
            {
                yield return new ValidationResult($"Serve:Uri (AIFACTORY_MODEL_URI): {complaint}.");
            }
        }
        else if (Deployment is { Length: > 0 } && (ObjectKey.Length == 0 || Digest.Length == 0 || SizeBytes == 0))
        {
            yield return new ValidationResult("Serve:Deployment needs Serve:ObjectKey, Serve:Digest and Serve:SizeBytes (what is served, and that it is that), or Serve:Uri (AIFACTORY_MODEL_URI).");
        }
    }

    /// <summary>Before the settings are checked: what is wrong with them is told then.</summary>
    public ModelUri? TryModel() => Complaint() is null ? Model : null;

    private string? AdapterComplaint()
    {
        try
        {
            return AdapterOrder.ParseAll(Adapters).Count > 0 && !IsOne ? "a worker that takes orders from the library has no model of its own that they would be for"
                : AdapterOrder.ParseAll(Adapters).Any(order => order.Name == Deployment) ? "an adapter has the name of the model"
                : null;
        }
        catch (FormatException error)
        {
            return error.Message;
        }
    }

    private string? Complaint()
    {
        try
        {
            return Model is not { Digests: { Count: > 0 } digests } model ? null
                : Digest.Length > 0 && string.Join(',', digests) != Digest ? "its digest and Serve:Digest differ"
                : model.FileCount is { } count && count != digests.Count ? $"it names {count} {(count == 1 ? "file" : "files")} and has {digests.Count} {(digests.Count == 1 ? "digest" : "digests")}: one for each file is needed, with commas between them, or none"
                : null;
        }
        catch (FormatException error)
        {
            return error.Message;
        }
    }
}
