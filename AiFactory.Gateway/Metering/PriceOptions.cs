using System.Text.Json.Serialization;

namespace AiFactory.Gateway.Metering;

/// <summary>One entry of <c>Pricing:Models</c>: what tokens of a deployment, or of every deployment of a model, cost. In units of the currency for a million tokens, but for <see cref="Image"/>.</summary>
internal sealed class PriceOptions
{
    /// <summary>The name that clients send; this or <see cref="Model"/>.</summary>
    public string? Deployment { get; set; }

    /// <summary>With <see cref="Deployment"/>: the project whose deployment it is; of any when it is absent.</summary>
    public string? Project { get; set; }

    /// <summary>The library's model.</summary>
    public string? Model { get; set; }

    public decimal Input { get; set; }

    /// <summary>For tokens of the prompt that were computed before; as <see cref="Input"/> when absent.</summary>
    public decimal? CachedInput { get; set; }

    public decimal Output { get; set; }

    /// <summary>For each image, in units of the currency. A table that has none keeps its version.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public decimal Image { get; set; }
}
