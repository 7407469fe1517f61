using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace AiFactory.Gateway.Auditing;

/// <summary>
/// SHA-256 over the hash before and the row as a JSON array, so that anyone who has the rows can check them:
/// <code>
/// ["12","0197...","2026-11-22T01:02:03.456789Z","2026-11-22T01:02:03.456789Z","default","key:0197...","model.denied","/v1/chat/completions","missing_scope","1"]
/// </code>
/// Characters outside ASCII, and those that HTML gives a meaning, stand in it as <c>\u00fc</c>.
/// </summary>
internal static class AuditChain
{
    public const int HashBytes = SHA256.HashSizeInBytes;

    public static byte[] Hash(byte[] before, long sequence, AuditRecord record)
    {
        string?[] row =
        [
            sequence.ToString(CultureInfo.InvariantCulture), record.Id.ToString(), Time(record.At), Time(record.Until), record.Project, record.Actor, record.Action, record.Target,
            record.Reason, record.Count.ToString(CultureInfo.InvariantCulture),
        ];
        return SHA256.HashData([.. before, .. Encoding.UTF8.GetBytes(JsonSerializer.Serialize(row))]);
    }

    private static string Time(DateTimeOffset at) => at.UtcDateTime.ToString("yyyy-MM-ddTHH:mm:ss.ffffffZ", CultureInfo.InvariantCulture);
}
