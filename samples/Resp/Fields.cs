namespace Resp;

/// <summary>The value of a hash.</summary>
internal sealed class Fields() : Dictionary<byte[], byte[]>(BytesComparer.Ordinal);
