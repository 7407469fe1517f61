using System.Buffers;
using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;

namespace AiFactory.Gateway.Caching;

/// <summary>
/// Writes JSON so that two texts have the same form only if every parser reads the same from them: a kind, a length and the bytes of each value, members in the order of their names, texts without
/// escapes. Numbers stay as they are written: 1 and 1.0 are not the same to every server, and a request too many is better than a wrong answer.
/// </summary>
internal static class CanonicalForm
{
    /// <returns>False where parsers differ: two members of one name, of which one takes the first and another the last, or a text that is no Unicode.</returns>
    public static bool TryWrite(JsonElement value, IBufferWriter<byte> to)
    {
        try
        {
            return Write(value, to);
        }
        catch (InvalidOperationException)
        {
            // Half of a surrogate pair.
            return false;
        }
    }

    /// <summary>The members by name.</summary>
    /// <returns>Null where two have the same.</returns>
    /// <exception cref="InvalidOperationException">A name is no Unicode.</exception>
    public static (string Name, JsonElement Value)[]? Members(JsonElement value)
    {
        var members = new (string Name, JsonElement Value)[value.GetPropertyCount()];
        var count = 0;
        foreach (var member in value.EnumerateObject())
        {
            members[count++] = (member.Name, member.Value);
        }

        Array.Sort(members, static (a, b) => string.CompareOrdinal(a.Name, b.Name));
        for (var i = 1; i < members.Length; i++)
        {
            if (members[i].Name == members[i - 1].Name)
            {
                return null;
            }
        }

        return members;
    }

    public static void WriteText(ReadOnlySpan<byte> utf8, IBufferWriter<byte> to)
    {
        WriteHead((byte)'s', utf8.Length, to);
        to.Write(utf8);
    }

    public static void WriteText(string text, IBufferWriter<byte> to) => WriteText(Encoding.UTF8.GetBytes(text), to);

    private static bool Write(JsonElement value, IBufferWriter<byte> to)
    {
        switch (value.ValueKind)
        {
            case JsonValueKind.Object:
                return WriteObject(value, to);
            case JsonValueKind.Array:
                WriteHead((byte)'a', value.GetArrayLength(), to);
                foreach (var item in value.EnumerateArray())
                {
                    if (!Write(item, to))
                    {
                        return false;
                    }
                }

                return true;
            case JsonValueKind.String when JsonMarshal.GetRawUtf8Value(value) is var raw && !raw.Contains((byte)'\\'):
                WriteText(raw[1..^1], to);
                return true;
            case JsonValueKind.String:
                WriteText(value.GetString() ?? "", to);
                return true;
            default:
                var token = JsonMarshal.GetRawUtf8Value(value);
                WriteHead((byte)'n', token.Length, to);
                to.Write(token);
                return true;
        }
    }

    private static bool WriteObject(JsonElement value, IBufferWriter<byte> to)
    {
        if (Members(value) is not { } members)
        {
            return false;
        }

        WriteHead((byte)'o', members.Length, to);
        foreach (var (name, member) in members)
        {
            WriteText(name, to);
            if (!Write(member, to))
            {
                return false;
            }
        }

        return true;
    }

    private static void WriteHead(byte kind, int length, IBufferWriter<byte> to)
    {
        var head = to.GetSpan(1 + sizeof(int));
        head[0] = kind;
        BinaryPrimitives.WriteInt32LittleEndian(head[1..], length);
        to.Advance(1 + sizeof(int));
    }
}
