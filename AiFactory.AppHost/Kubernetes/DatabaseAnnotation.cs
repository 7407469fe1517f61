namespace AiFactory.AppHost.Kubernetes;

/// <summary>Marks a connection string as a database of the factory's server, for publishing.</summary>
/// <param name="Login">The connection string's name, and in the chart that of the Secret with its login and of what concerns that.</param>
internal sealed record DatabaseAnnotation(string Login, string Name) : IResourceAnnotation;
