using Microsoft.Extensions.Options;

namespace AiFactory.Gateway.Metering;

/// <summary>The settings under <c>Pricing</c>.</summary>
internal sealed class PricingOptions
{
    public const string Section = "Pricing";

    /// <summary>For those who read the figures; the gateway only counts.</summary>
    public string Currency { get; set; } = "EUR";

    public IList<PriceOptions> Models { get; set; } = [];
}

internal sealed class PricingOptionsValidator : IValidateOptions<PricingOptions>
{
    private const decimal Highest = 1_000_000;

    public ValidateOptionsResult Validate(string? name, PricingOptions options)
    {
        var complaints = new List<string>();
        if (options.Currency is not { Length: 3 } || !options.Currency.All(char.IsAsciiLetterUpper))
        {
            complaints.Add($"{PricingOptions.Section}:Currency must be a code of ISO 4217, as EUR.");
        }

        var seen = new HashSet<(string?, string?, string?)>();
        for (var i = 0; i < options.Models.Count; i++)
        {
            var (key, price) = ($"{PricingOptions.Section}:Models:{i}", options.Models[i]);
            if (string.IsNullOrEmpty(price.Deployment) == string.IsNullOrEmpty(price.Model))
            {
                complaints.Add($"{key} must name either a Deployment or a Model.");
            }
            else if (price is { Model: not null, Project: not null })
            {
                complaints.Add($"{key}:Project goes with Deployment, not with Model.");
            }
            else if (!seen.Add((price.Deployment, price.Project, price.Model)))
            {
                complaints.Add($"{key} gives '{price.Deployment ?? price.Model}' a second price.");
            }

            if (price.Input is < 0 or > Highest || price.CachedInput is < 0 or > Highest || price.Output is < 0 or > Highest)
            {
                complaints.Add($"{key}: Input, CachedInput and Output must lie between 0 and {Highest} for a million tokens.");
            }

            if (price.Image is < 0 or > Highest)
            {
                complaints.Add($"{key}: Image must lie between 0 and {Highest} for each image.");
            }
        }

        return complaints.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(complaints);
    }
}
