using System.Security.Cryptography;
using AiFactory.ServiceDefaults.Identity;

namespace AiFactory.Inference.Fleet;

/// <summary>The variables by which a container serves one model. They are other names for settings; a setting that is there counts more.</summary>
internal static class ServeEnvironment
{
    private static readonly (string Variable, string Setting)[] Names =
    [
        ("AIFACTORY_MODEL_URI", nameof(ServeOptions.Uri)),
        ("AIFACTORY_MODEL_NAME", nameof(ServeOptions.Deployment)),
        ("AIFACTORY_MODEL_TASK", nameof(ServeOptions.Task)),
        ("AIFACTORY_MODEL_ALLOW_HTTP", nameof(ServeOptions.AllowHttp)),
        ("AIFACTORY_PROJECT", nameof(ServeOptions.Project)),
        ("AIFACTORY_CONTEXT_LENGTH", nameof(ServeOptions.ContextLength)),
        ("AIFACTORY_SLOTS", nameof(ServeOptions.Slots)),
        ("AIFACTORY_QUANTIZATION", nameof(ServeOptions.Quantization)),
        ("AIFACTORY_LORA_MODULES", nameof(ServeOptions.Adapters)),
        ("AIFACTORY_API_KEY", nameof(ServeOptions.ApiKey)),
    ];

    /// <summary>1. Puts the variables into the settings. 2. Reads them. 3. Where callers come with a key of this worker's own, the factory's identities need none: one is drawn that nobody knows.</summary>
    /// <exception cref="InvalidOperationException">Nobody could call the worker.</exception>
    public static ServeOptions Apply(IConfigurationManager configuration)
    {
        // AIFACTORY_MODEL_NAME alone is no model: a worker that takes orders is not stopped by a variable that its neighbours share.
        var isOne = configuration[$"{ServeOptions.Section}:{nameof(ServeOptions.Uri)}"] is { Length: > 0 } || configuration["AIFACTORY_MODEL_URI"] is { Length: > 0 };
        configuration.AddInMemoryCollection(Names
            .Where(_ => isOne)
            .Select(name => (Setting: $"{ServeOptions.Section}:{name.Setting}", Value: configuration[name.Variable]))
            .Where(pair => pair.Value is { Length: > 0 } && string.IsNullOrEmpty(configuration[pair.Setting]))
            .Select(pair => new KeyValuePair<string, string?>(pair.Setting, pair.Value))
            .ToList());
        var serve = configuration.GetSection(ServeOptions.Section).Get<ServeOptions>() ?? new ServeOptions();
        const string Key = $"{IdentityOptions.Section}:{nameof(IdentityOptions.Key)}";
        if (isOne && string.IsNullOrEmpty(configuration[Key]))
        {
            if (string.IsNullOrEmpty(serve.ApiKey))
            {
                throw new InvalidOperationException(
                    "AIFACTORY_MODEL_URI is set, and neither AIFACTORY_API_KEY (what callers send as Authorization: Bearer) nor Identity:Key (Identity__Key, the factory's own): nobody could call this worker.");
            }

            configuration.AddInMemoryCollection([new(Key, Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(32)))]);
        }

        return serve;
    }
}
