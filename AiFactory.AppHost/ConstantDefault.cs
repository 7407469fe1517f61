using Aspire.Hosting.Publishing;

namespace AiFactory.AppHost;

/// <summary>The value of a parameter that configuration may give. (One that is given to AddParameter as a text is what it is, whatever is configured.)</summary>
internal sealed class ConstantDefault(string value) : ParameterDefault
{
    public override string GetDefaultValue() => value;

    public override void WriteToManifest(ManifestPublishingContext context) => context.Writer.WriteString("value", value);
}
