namespace AiFactory.Inference.Serving;

/// <summary>A model's name in a path.</summary>
internal static class RouteName
{
    /// <summary>A slash that was escaped is still so in the route's value.</summary>
    public static string Read(string value) => value.Replace("%2F", "/", StringComparison.OrdinalIgnoreCase);
}
