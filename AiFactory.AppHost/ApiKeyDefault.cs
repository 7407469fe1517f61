using System.Security.Cryptography;
using Aspire.Hosting.Publishing;

namespace AiFactory.AppHost;

/// <summary>Generates an API key: <c>aif_</c> and 43 random characters of base 62, which are 256 bits.</summary>
internal sealed class ApiKeyDefault : ParameterDefault
{
    private const string Alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

    public override string GetDefaultValue() => "aif_" + RandomNumberGenerator.GetString(Alphabet, 43);

    public override void WriteToManifest(ManifestPublishingContext context)
    {
        context.Writer.WriteStartObject("generate");
        context.Writer.WriteNumber("minLength", 43);
        context.Writer.WriteEndObject();
    }
}
