namespace AiFactory.ServiceDefaults.Outcomes;

/// <summary>Collects what is wrong with a request, field by field, so that a caller learns all of it at once.</summary>
public sealed class FieldErrors
{
    private readonly Dictionary<string, List<string>> _errors = new(StringComparer.Ordinal);

    public bool Any => _errors.Count > 0;

    public void Add(string field, string complaint)
    {
        if (!_errors.TryGetValue(field, out var complaints))
        {
            _errors[field] = complaints = [];
        }

        complaints.Add(complaint);
    }

    /// <summary>Adds the complaint unless the condition holds.</summary>
    public void Require(bool condition, string field, string complaint)
    {
        if (!condition)
        {
            Add(field, complaint);
        }
    }

    public Outcome<T> ToOutcome<T>() =>
        new Outcome<T>.Invalid(_errors.ToDictionary(entry => entry.Key, entry => entry.Value.ToArray(), StringComparer.Ordinal));

    public static Outcome<T> Of<T>(string field, string complaint)
    {
        var errors = new FieldErrors();
        errors.Add(field, complaint);
        return errors.ToOutcome<T>();
    }
}
