namespace AiFactory.Hosting.Kubernetes;

/// <summary>The field's name, where it is not the property's in camel case; null for a property that is no field.</summary>
[AttributeUsage(AttributeTargets.Property)]
internal sealed class YamlNameAttribute(string? name) : Attribute
{
    public string? Name => name;
}
