namespace AiFactory.ServiceDefaults.Objects;

/// <param name="Size">Bytes.</param>
/// <param name="ETag">Opaque; changes whenever the object is written again.</param>
public sealed record ObjectInfo(string Key, long Size, string ETag, DateTimeOffset LastModified);
