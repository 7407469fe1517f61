using System.Security.Cryptography;
using Microsoft.Extensions.Configuration;

namespace AiFactory.AppHost.Kubernetes;

/// <summary>A model that the factory brings: its weights lie in object storage under their digest, once the library has taken them in.</summary>
/// <param name="Task"><c>chat</c> or <c>embedding</c>.</param>
internal sealed record SeededModel(string Name, string Task, string Sha256, long Size)
{
    public string ObjectKey => $"models/sha256/{Sha256}";

    public static SeededModel Read(IDistributedApplicationBuilder builder, string name)
    {
        var directory = Path.Combine(builder.AppHostDirectory, builder.Configuration["Models:Directory"] ?? Path.Combine("..", "models"));
        var file = new FileInfo(Path.Combine(directory, $"{name}.gguf"));
        if (!file.Exists)
        {
            throw new DistributedApplicationException($"The seeded model '{name}' has no file '{name}.gguf' in the folder of models (Models:Directory).");
        }

        using var stream = file.OpenRead();
        return new SeededModel(name, name.EndsWith("-embed", StringComparison.Ordinal) ? "embedding" : "chat", Convert.ToHexStringLower(SHA256.HashData(stream)), file.Length);
    }
}
