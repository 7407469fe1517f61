namespace AiFactory.ServiceDefaults.Outcomes;

/// <summary>Reads the cursors of lists that are ordered by id.</summary>
public static class Cursors
{
    public static bool TryId(string? after, out Guid? id)
    {
        id = null;
        if (after is null)
        {
            return true;
        }

        if (!Guid.TryParseExact(after, "D", out var parsed))
        {
            return false;
        }

        id = parsed;
        return true;
    }
}
