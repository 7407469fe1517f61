namespace Aspire.Hosting.ApplicationModel;

/// <summary>What <c>AddConnectionString(name)</c> makes: a parameter whose value is a connection string.</summary>
internal sealed class ConnectionStringParameterResource(string name, Func<ParameterDefault?, string> callback, string? environmentVariableName)
    : ParameterResource(name, callback, secret: true), IResourceWithConnectionString, IResourceWithWaitSupport
{
    public string? ConnectionStringEnvironmentVariable => environmentVariableName;

    public ReferenceExpression ConnectionStringExpression => ReferenceExpression.Create($"{new Holder(this)}");

    // The expression holds the value by another object: the resource itself would be a loop.
    private sealed class Holder(ParameterResource parameter) : IExpressionValue, IValueWithReferences
    {
        public string ValueExpression => $"{{{parameter.Name}.value}}";

        public IEnumerable<object> References => [];

        public ValueTask<string?> GetValueAsync(CancellationToken cancellationToken = default) => parameter.GetValueAsync(cancellationToken);
    }
}
