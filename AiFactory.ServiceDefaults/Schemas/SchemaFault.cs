using System.Globalization;
using System.Text;

namespace AiFactory.ServiceDefaults.Schemas;

/// <summary>Why a value does not fit a schema, and where in it. Its words are the schema's: nothing of the value is in them but the numbers of list elements.</summary>
internal sealed class SchemaFault(string message)
{
    private string _step = "";
    private SchemaFault? _inner;

    /// <summary>The fault of a member is one of the object that holds it. Another one: the member's own is remembered, and may be told of other places too.</summary>
    public SchemaFault Within(string member) => new(message) { _step = $".{member}", _inner = this };

    public SchemaFault Within(int element) => new(message) { _step = string.Create(CultureInfo.InvariantCulture, $"[{element}]"), _inner = this };

    /// <summary>For example <c>$.items[2].price is no number</c>.</summary>
    public override string ToString()
    {
        var text = new StringBuilder("$");
        for (var at = this; at is not null; at = at._inner)
        {
            text.Append(at._step);
        }

        return text.Append(' ').Append(message).ToString();
    }
}
