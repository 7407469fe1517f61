using System.Globalization;
using System.Text;

namespace AiFactory.ServiceDefaults.Schemas;

/// <summary>Why a value does not fit a schema, and where in it. Its words are the schema's: nothing of the value is in them but the numbers of list elements.</summary>
internal sealed class SchemaFault(string message)
{
    private readonly List<string> _path = [];

    public string Message { get; } = message;

    /// <summary>The fault of a member is one of the object that holds it.</summary>
    public SchemaFault Within(string member)
    {
        _path.Add($".{member}");
        return this;
    }

    public SchemaFault Within(int element)
    {
        _path.Add(string.Create(CultureInfo.InvariantCulture, $"[{element}]"));
        return this;
    }

    /// <summary>For example <c>$.items[2].price is no number</c>.</summary>
    public override string ToString()
    {
        var text = new StringBuilder("$");
        for (var i = _path.Count - 1; i >= 0; i--)
        {
            text.Append(_path[i]);
        }

        return text.Append(' ').Append(Message).ToString();
    }
}
