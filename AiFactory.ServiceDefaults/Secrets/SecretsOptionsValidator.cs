using Microsoft.Extensions.Options;

namespace AiFactory.ServiceDefaults.Secrets;

/// <summary>What attributes cannot say.</summary>
internal sealed class SecretsOptionsValidator : IValidateOptions<SecretsOptions>
{
    public ValidateOptionsResult Validate(string? name, SecretsOptions options)
    {
        var faults = options.OtherKeys
            .Select((key, index) => (key, index))
            .Where(each => each.key is not { Length: >= SecretsOptions.ShortestKey })
            .Select(each => $"Secrets:OtherKeys:{each.index} must have at least {SecretsOptions.ShortestKey} characters, as every key has, or be left out.")
            .ToList();
        return faults.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(faults);
    }
}
