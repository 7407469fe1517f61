using AiFactory.Contracts.Library;

namespace AiFactory.ServiceDefaults.Outcomes;

/// <summary>Lists in pages: <c>?limit=</c> 1 to 200 (50 when absent), <c>?after=</c> what the page before named as next.</summary>
public static class Paging
{
    public const int Default = 50;
    public const int Maximum = 200;

    public static bool TryLimit(int? asked, out int limit)
    {
        limit = asked ?? Default;
        return limit is >= 1 and <= Maximum;
    }

    public static Outcome<T> BadLimit<T>() => FieldErrors.Of<T>("limit", $"The limit must be 1 to {Maximum}.");

    public static Outcome<T> BadAfter<T>() => FieldErrors.Of<T>("after", "This is not a value that a page named as next.");

    /// <summary>Stores read one row more than asked, which tells whether there is a next page.</summary>
    public static Page<TResponse> Page<T, TResponse>(IReadOnlyList<T> rows, int limit, Func<T, TResponse> map, Func<T, string> cursor)
    {
        var items = rows.Take(limit).ToList();
        return new Page<TResponse>([.. items.Select(map)], rows.Count > limit ? cursor(items[^1]) : null);
    }
}
