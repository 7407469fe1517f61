namespace AiFactory.ModelLibrary.Outcomes;

/// <summary>Collects what is wrong with a request, field by field, so that a caller learns all of it at once.</summary>
internal sealed class FieldErrors
{
    private readonly Dictionary<string, List<string>> _errors = new(StringComparer.Ordinal);

    internal bool Any => _errors.Count > 0;

    internal void Add(string field, string complaint)
    {
        if (!_errors.TryGetValue(field, out var complaints))
        {
            _errors[field] = complaints = [];
        }

        complaints.Add(complaint);
    }

    /// <summary>Adds the complaint unless the condition holds.</summary>
    internal void Require(bool condition, string field, string complaint)
    {
        if (!condition)
        {
            Add(field, complaint);
        }
    }

    internal Outcome<T> ToOutcome<T>() =>
        new Outcome<T>.Invalid(_errors.ToDictionary(entry => entry.Key, entry => entry.Value.ToArray(), StringComparer.Ordinal));

    internal static Outcome<T> Of<T>(string field, string complaint)
    {
        var errors = new FieldErrors();
        errors.Add(field, complaint);
        return errors.ToOutcome<T>();
    }
}
