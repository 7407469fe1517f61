using System.Net.Http.Headers;
using Microsoft.Extensions.Primitives;

namespace AiFactory.Gateway.Forwarding;

internal static class HeaderValues
{
    /// <summary>The values as they came, without a copy for the common single one.</summary>
    public static StringValues ToValues(this HeaderStringValues values) => values.Count == 1 ? new StringValues(values.ToString()) : new StringValues([.. values]);
}
