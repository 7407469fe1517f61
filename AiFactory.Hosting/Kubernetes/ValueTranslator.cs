using System.Globalization;
using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;

namespace AiFactory.Hosting.Kubernetes;

/// <summary>
/// Turns what the model says of a resource's environment into text for a template. Endpoints become the addresses of Services, parameters become values of the
/// chart: <c>Host=db;Password={{ .Values.secrets.library.db_password }}</c>. Secrets are not read.
/// </summary>
internal sealed class ValueTranslator(IResource resource, HelmValues values)
{
    public async Task<HelmText> TranslateAsync(object? value, CancellationToken cancellationToken) => value switch
    {
        null => HelmText.Literal(""),
        string text => HelmText.Literal(text),
        ParameterResource parameter => await ParameterAsync(parameter, cancellationToken),
        EndpointReference endpoint => new(EndpointMap.Property(endpoint, EndpointProperty.Url), false),
        EndpointReferenceExpression endpoint => new(EndpointMap.Property(endpoint.Endpoint, endpoint.Property), false),
        ReferenceExpression expression => await ExpressionAsync(expression, cancellationToken),
        ConnectionStringReference connection => await TranslateAsync(connection.Resource, cancellationToken),
        IResourceWithConnectionString connection => await ExpressionAsync(connection.ConnectionStringExpression, cancellationToken),
        bool flag => new(flag ? "true" : "false", false),
        IFormattable number => new(number.ToString(null, CultureInfo.InvariantCulture), false),
        _ => throw new DistributedApplicationException($"A value of '{resource.Name}' cannot be published: {value.GetType().Name} is unknown in a chart."),
    };

    private async Task<HelmText> ParameterAsync(ParameterResource parameter, CancellationToken cancellationToken)
    {
        var key = HelmNames.Section(parameter.Name);
        if (parameter.Secret)
        {
            values.Secrets[key] = "";
            return new HelmText(HelmNames.Value(HelmValues.SecretsSection, resource.Name, key), true);
        }

        values.Config[key] = await parameter.GetValueAsync(cancellationToken) ?? "";
        return new HelmText(HelmNames.Value(HelmValues.ConfigSection, resource.Name, key), false);
    }

    private async Task<HelmText> ExpressionAsync(ReferenceExpression expression, CancellationToken cancellationToken)
    {
        var parts = new object?[expression.ValueProviders.Count];
        var secret = false;
        for (var i = 0; i < parts.Length; i++)
        {
            var part = await TranslateAsync(expression.ValueProviders[i], cancellationToken);
            parts[i] = expression.StringFormats[i] is { } format ? Formatted(part, format) : part.Text;
            secret |= part.Secret;
        }

        return new HelmText(string.Format(CultureInfo.InvariantCulture, expression.Format, parts), secret);
    }

    private static string? Formatted(HelmText part, string format) => part.HasExpression && part.Text.EndsWith(" }}", StringComparison.Ordinal)
        ? $"{part.Text[..^3]} | urlquery }}}}"
        : ReferenceExpressionFormats.Apply(part.Text, format);
}
