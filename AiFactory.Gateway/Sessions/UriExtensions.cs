namespace AiFactory.Gateway.Sessions;

internal static class UriExtensions
{
    /// <summary>As RFC 3986 writes it, and as a header can have it: <c>ToString()</c> and <c>AbsoluteUri</c> have letters of other alphabets, the one anywhere, the other in the host.</summary>
    public static string ToAscii(this Uri address) => new UriBuilder(address) { Host = address.IdnHost }.Uri.AbsoluteUri;
}
