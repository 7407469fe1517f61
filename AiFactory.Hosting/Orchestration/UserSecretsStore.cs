using System.Reflection;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.Extensions.Configuration.UserSecrets;

namespace AiFactory.Hosting.Orchestration;

/// <summary>
/// The .NET user secrets of the AppHost, where generated parameters are kept: a flat JSON file that only its owner can read.
/// <code>{ "Parameters:identity-key": "..." }</code>
/// </summary>
internal sealed class UserSecretsStore(string? filePath)
{
    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true };

    private readonly Lock _lock = new();

    public string? FilePath { get; } = filePath;

    public static UserSecretsStore Of(Assembly? assembly)
        => new(assembly?.GetCustomAttribute<UserSecretsIdAttribute>() is { } id ? PathHelper.GetSecretsPathFromSecretsId(id.UserSecretsId) : null);

    public string? Get(string key)
    {
        lock (_lock)
        {
            return Read_NeedsLock()[key]?.GetValue<string>();
        }
    }

    /// <summary>Keeps a value. False: there is no place for it, or it cannot be written.</summary>
    public bool TrySet(string key, string value)
    {
        if (FilePath is null)
        {
            return false;
        }

        lock (_lock)
        {
            try
            {
                var secrets = Read_NeedsLock();
                secrets[key] = value;
                Write_NeedsLock(FilePath, secrets);
                return true;
            }
            catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
            {
                return false;
            }
        }
    }

    // The new file is complete before it takes the old one's place, and is never readable by others.
    private static void Write_NeedsLock(string path, JsonObject secrets)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(path) ?? ".");
        var temporary = $"{path}.{Environment.ProcessId}.tmp";
        var options = new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }

        using (var stream = new FileStream(temporary, options))
        {
            JsonSerializer.Serialize(stream, secrets, Indented);
        }

        File.Move(temporary, path, overwrite: true);
    }

    private JsonObject Read_NeedsLock()
    {
        if (FilePath is null || !File.Exists(FilePath))
        {
            return [];
        }

        var text = File.ReadAllText(FilePath);
        return string.IsNullOrWhiteSpace(text) ? [] : JsonNode.Parse(text)?.AsObject() ?? [];
    }
}
