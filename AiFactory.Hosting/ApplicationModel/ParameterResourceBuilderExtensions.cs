using AiFactory.Hosting.Orchestration;
using Aspire.Hosting.ApplicationModel;
using Microsoft.Extensions.Configuration;

namespace Aspire.Hosting;

public static class ParameterResourceBuilderExtensions
{
    public static IResourceBuilder<ParameterResource> AddParameter(this IDistributedApplicationBuilder builder, string name, bool secret = false)
        => builder.AddResource(new ParameterResource(name, _ => ParameterValues.Get(builder.Configuration, name, null), secret));

    /// <summary><paramref name="value"/>, whatever is configured.</summary>
    public static IResourceBuilder<ParameterResource> AddParameter(this IDistributedApplicationBuilder builder, string name, string value, bool publishValueAsDefault = false, bool secret = false)
        => builder.AddParameter(name, () => value, publishValueAsDefault, secret);

    /// <summary>The value of <paramref name="valueGetter"/>, whatever is configured, as in Aspire.</summary>
    public static IResourceBuilder<ParameterResource> AddParameter(this IDistributedApplicationBuilder builder, string name, Func<string> valueGetter, bool publishValueAsDefault = false, bool secret = false)
        => publishValueAsDefault && secret
            ? throw new ArgumentException($"A parameter cannot be both secret and published as a default value: '{name}'.", nameof(publishValueAsDefault))
            : builder.AddResource(new ParameterResource(name, _ => valueGetter(), secret));

    /// <summary>The configured value, else <paramref name="value"/>'s; with <paramref name="persist"/> that one is kept in user secrets.</summary>
    public static IResourceBuilder<ParameterResource> AddParameter(this IDistributedApplicationBuilder builder, string name, ParameterDefault value, bool secret = false, bool persist = false)
    {
        if (persist && builder is DistributedApplicationBuilder { ExecutionContext.IsRunMode: true } own)
        {
            value = new PersistedParameterDefault(own.UserSecrets, ParameterValues.Key(name), value);
        }

        return builder.AddResource(new ParameterResource(name, given => ParameterValues.Get(builder.Configuration, name, given), secret) { Default = value });
    }

    public static IResourceBuilder<ParameterResource> AddParameterFromConfiguration(this IDistributedApplicationBuilder builder, string name, string configurationKey, bool secret = false)
        => builder.AddResource(new ParameterResource(
            name,
            _ => builder.Configuration[configurationKey] ?? throw ParameterValues.Missing(name, configurationKey),
            secret));

    /// <summary>A connection string from configuration: <c>ConnectionStrings:{name}</c>.</summary>
    public static IResourceBuilder<IResourceWithConnectionString> AddConnectionString(this IDistributedApplicationBuilder builder, string name, string? environmentVariableName = null)
        => builder.AddResource(new ConnectionStringParameterResource(
            name,
            _ => builder.Configuration.GetConnectionString(name) ?? throw ParameterValues.MissingConnectionString(name),
            environmentVariableName));

    public static IResourceBuilder<ParameterResource> WithDescription(this IResourceBuilder<ParameterResource> builder, string description, bool enableMarkdown = false)
    {
        builder.Resource.Description = description;
        builder.Resource.EnableDescriptionMarkdown = enableMarkdown;
        return builder;
    }

    public static ParameterResource CreateDefaultPasswordParameter(IDistributedApplicationBuilder builder, string name, bool lower = true, bool upper = true, bool numeric = true, bool special = true, int minLower = 0, int minUpper = 0, int minNumeric = 0, int minSpecial = 0)
        => CreateGeneratedParameter(builder, name, secret: true, new GenerateParameterDefault
        {
            Lower = lower,
            Upper = upper,
            Numeric = numeric,
            Special = special,
            MinLower = minLower,
            MinUpper = minUpper,
            MinNumeric = minNumeric,
            MinSpecial = minSpecial,
        });

    /// <summary>A parameter that is not in the model by itself; its generated value is kept in user secrets.</summary>
    public static ParameterResource CreateGeneratedParameter(IDistributedApplicationBuilder builder, string name, bool secret, GenerateParameterDefault parameterDefault)
    {
        ParameterDefault value = builder is DistributedApplicationBuilder { ExecutionContext.IsRunMode: true } own
            ? new PersistedParameterDefault(own.UserSecrets, ParameterValues.Key(name), parameterDefault)
            : parameterDefault;
        return new ParameterResource(name, given => ParameterValues.Get(builder.Configuration, name, given), secret) { Default = value };
    }
}
