using System.Globalization;
using System.Runtime.InteropServices;
using AiFactory.ServiceDefaults.Objects;

namespace AiFactory.Gateway.Batches.Running;

/// <summary>What is too large for a row, in object storage: <c>gateway/work/{batch}/{line}-{attempt}</c>, and a job's body <c>gateway/work/{batch}/body</c>.</summary>
internal sealed class WorkObjects(IObjectStore store)
{
    /// <returns>Its key. Each attempt has its own: who lost the claim overwrites nothing.</returns>
    public async Task<string> PutAnswerAsync(RequestRow row, ReadOnlyMemory<byte> answer, CancellationToken cancellationToken)
    {
        var key = string.Create(CultureInfo.InvariantCulture, $"{Prefix(row.BatchId)}{row.Line}-{row.Attempt}");
        await PutAsync(key, answer, cancellationToken);
        return key;
    }

    public Task PutBodyAsync(Guid batch, byte[] body, CancellationToken cancellationToken) => PutAsync($"{Prefix(batch)}body", body, cancellationToken);

    public async Task<ReadOnlyMemory<byte>?> ReadBodyAsync(RequestRow row, CancellationToken cancellationToken) => await ReadAsync($"{Prefix(row.BatchId)}body", cancellationToken) is { } body ? body : null;

    /// <summary>Null when it is not there.</summary>
    public async Task<byte[]?> ReadAsync(string key, CancellationToken cancellationToken)
    {
        await using var content = await store.OpenReadAsync(key, cancellationToken: cancellationToken);
        if (content is null)
        {
            return null;
        }

        var bytes = new byte[content.Info.Size];
        await content.Stream.ReadExactlyAsync(bytes, cancellationToken);
        return bytes;
    }

    public async Task DeleteAllAsync(Guid batch, CancellationToken cancellationToken)
    {
        string? after = null;
        do
        {
            var page = await store.ListAsync(Prefix(batch), after, cancellationToken: cancellationToken);
            foreach (var info in page.Objects)
            {
                await store.DeleteAsync(info.Key, cancellationToken);
            }

            after = page.Next;
        }
        while (after is not null);
    }

    private static string Prefix(Guid batch) => $"gateway/work/{batch:n}/";

    private async Task PutAsync(string key, ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken)
    {
        using var stream = MemoryMarshal.TryGetArray(bytes, out var array) && array.Array is { } held
            ? new MemoryStream(held, array.Offset, array.Count, writable: false)
            : new MemoryStream(bytes.ToArray(), writable: false);
        (await store.PutAsync(key, stream, cancellationToken: cancellationToken)).EnsureStored();
    }
}
