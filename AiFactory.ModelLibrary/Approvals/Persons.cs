using AiFactory.ModelLibrary.Keys;
using AiFactory.ServiceDefaults.Postgres;

namespace AiFactory.ModelLibrary.Approvals;

/// <summary>Who acts: a key acts for whoever made it, or one person with two keys would be two.</summary>
internal sealed class Persons(KeyStore keys)
{
    private const string KeySubject = "key:";
    private const string PolicySubject = "policy:";

    /// <summary>A key is made by an older one, so this ends; the bound is for a database that says otherwise.</summary>
    private const int LongestChain = 64;

    /// <summary>Not so the settings, which act at each start as they did at the last.</summary>
    internal static bool IsPerson(string subject) => !subject.StartsWith(PolicySubject, StringComparison.Ordinal);

    /// <summary>The subject itself, or at a key's the one at the beginning of the chain of keys. A key of the settings stands for whoever was given it.</summary>
    internal async Task<string> OfAsync(DatabaseTransaction transaction, string subject, CancellationToken cancellationToken)
    {
        for (var link = 0; link < LongestChain && subject.StartsWith(KeySubject, StringComparison.Ordinal); link++)
        {
            if (!Guid.TryParse(subject.AsSpan(KeySubject.Length), out var id) || await keys.FindAsync(transaction, id, cancellationToken) is not { Seeded: false } key)
            {
                break;
            }

            subject = key.CreatedBy;
        }

        return subject;
    }
}
