using System.ComponentModel.DataAnnotations;

namespace AiFactory.ServiceDefaults.Secrets;

/// <summary>The settings under <c>Secrets</c>.</summary>
public sealed class SecretsOptions
{
    public const string Section = "Secrets";

    /// <summary>What credentials are sealed with: the same in the library and in the gateways. Empty takes a key made from <c>Identity:Key</c>; one of its own lets that be changed alone.</summary>
    [RegularExpression(@"[\s\S]{32,}", ErrorMessage = "Secrets:Key must have at least 32 characters, or be left out.")]
    public string Key { get; set; } = "";
}
