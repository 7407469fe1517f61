using System.Diagnostics.CodeAnalysis;

namespace AiFactory.ServiceDefaults.Outcomes;

/// <summary>How a request to a service ended: with its value, or refused for a reason that the caller is told.</summary>
public abstract record Outcome<T>
{
    private Outcome()
    {
    }

    public sealed record Done(T Value) : Outcome<T>;

    /// <summary>Something of the request is not valid: field to complaints.</summary>
    public sealed record Invalid(IDictionary<string, string[]> Errors) : Outcome<T>;

    public sealed record Missing(string Kind, string Id) : Outcome<T>;

    /// <summary>The state of things does not allow it now.</summary>
    public sealed record Conflict(string Detail) : Outcome<T>;

    /// <summary>A rule does not allow it to this caller.</summary>
    public sealed record Forbidden(string Detail) : Outcome<T>;

    /// <summary>The caller, or its project, has as much as it may have at once: it may come back when some of it has ended.</summary>
    /// <param name="Until">How long it is to wait, where that is known.</param>
    public sealed record TooMany(string Detail, TimeSpan? Until = null) : Outcome<T>;

    public static implicit operator Outcome<T>(T value) => new Done(value);

    [SuppressMessage("Design", "CA1000", Justification = "The outcome of one type is made where that type is named.")]
    public static Outcome<T> Missed(string kind, object id) => new Missing(kind, id.ToString() ?? "");
}
