using System.Globalization;
using AiFactory.Gateway.Files;
using AiFactory.Gateway.OpenAI;

namespace AiFactory.Gateway.Storage;

/// <summary>Which part of a list is asked for, as OpenAI has it: <c>?limit=20&amp;after=batch_0197...&amp;order=desc</c>.</summary>
internal readonly record struct ListQuery(int Limit, Guid? After, bool Ascending)
{
    public static OpenAIError? Read(IQueryCollection query, string idPrefix, int most, int otherwise, out ListQuery list)
    {
        list = default;
        var limit = otherwise;
        if (query["limit"] is [{ Length: > 0 } text] && (!int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out limit) || limit < 1 || limit > most))
        {
            return FileErrors.BadLimit(most);
        }

        Guid? after = null;
        if (query["after"] is [{ Length: > 0 } cursor])
        {
            if (!PublicId.TryParse(idPrefix, cursor, out var id))
            {
                return FileErrors.BadAfter;
            }

            after = id;
        }

        if (query["order"] is not ([] or ["asc" or "desc"]))
        {
            return FileErrors.BadOrder;
        }

        list = new ListQuery(limit, after, query["order"] is ["asc"]);
        return null;
    }
}
