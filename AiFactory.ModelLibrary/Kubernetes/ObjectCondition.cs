using System.Globalization;

namespace AiFactory.ModelLibrary.Kubernetes;

/// <summary>One of an object's <c>status.conditions</c>, see https://kubernetes.io/docs/reference/using-api/api-concepts/ and meta/v1 Condition.</summary>
/// <param name="Status"><c>True</c>, <c>False</c> or <c>Unknown</c>.</param>
/// <param name="Reason">One word for programs.</param>
/// <param name="LastTransitionTime">For example <c>2026-11-21T20:15:00Z</c>: whole seconds, as the API server writes its own.</param>
/// <param name="ObservedGeneration">The spec's generation that this is said of.</param>
internal sealed record ObjectCondition(string Type, string Status, string Reason, string Message, string LastTransitionTime, long ObservedGeneration)
{
    internal static string Time(DateTimeOffset at) => at.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);
}
