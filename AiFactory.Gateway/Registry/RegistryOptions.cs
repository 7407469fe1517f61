using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Options;

namespace AiFactory.Gateway.Registry;

/// <summary>The settings under <c>Registry</c>.</summary>
internal sealed class RegistryOptions
{
    public const string Section = "Registry";

    /// <summary>A <c>models.yaml</c> whose models are served beside those of the library; none when empty.</summary>
    public string Path { get; set; } = "";

    /// <summary>How often the file is looked at. It is read and compared, for a mounted ConfigMap changes by a link that no watcher of files follows.</summary>
    [Range(typeof(TimeSpan), "00:00:00.010", "01:00:00", ErrorMessage = "Registry:Interval must lie between 10 milliseconds and one hour.")]
    public TimeSpan Interval { get; set; } = TimeSpan.FromSeconds(2);
}

/// <summary>A file that cannot be used stops the start; one that becomes so later does not.</summary>
internal sealed class RegistryOptionsValidator : IValidateOptions<RegistryOptions>
{
    public ValidateOptionsResult Validate(string? name, RegistryOptions options)
    {
        if (options.Path.Length == 0)
        {
            return ValidateOptionsResult.Success;
        }

        try
        {
            ModelsFile.Parse(options.Path, ModelsFile.Read(options.Path));
            return ValidateOptionsResult.Success;
        }
        catch (ModelsFileException refused)
        {
            return ValidateOptionsResult.Fail($"{RegistryOptions.Section}:{nameof(RegistryOptions.Path)} names a file that cannot be used. {refused.Message}");
        }
    }
}
