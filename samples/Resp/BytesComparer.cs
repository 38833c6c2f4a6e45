using System.Text;

namespace Resp;

/// <summary>Compares keys, which are bytes, with or without the case of ASCII letters. A dictionary finds them by a span, too.</summary>
internal sealed class BytesComparer(bool ignoreCase) : IEqualityComparer<byte[]>, IAlternateEqualityComparer<ReadOnlySpan<byte>, byte[]>
{
    public static BytesComparer Ordinal { get; } = new(ignoreCase: false);

    public static BytesComparer IgnoreCase { get; } = new(ignoreCase: true);

    public byte[] Create(ReadOnlySpan<byte> alternate) => alternate.ToArray();

    public bool Equals(byte[]? x, byte[]? y) => Equals(x.AsSpan(), y!);

    public int GetHashCode(byte[] obj) => GetHashCode(obj.AsSpan());

    public bool Equals(ReadOnlySpan<byte> alternate, byte[] other) =>
        ignoreCase ? Ascii.EqualsIgnoreCase(alternate, other) : alternate.SequenceEqual(other);

    // HashCode has a seed of the process's own, so a client cannot choose keys that collide.
    public int GetHashCode(ReadOnlySpan<byte> alternate)
    {
        var hash = default(HashCode);
        if (!ignoreCase)
        {
            hash.AddBytes(alternate);
            return hash.ToHashCode();
        }

        Span<byte> upper = stackalloc byte[32];
        alternate = alternate[..Math.Min(alternate.Length, upper.Length)];
        Ascii.ToUpper(alternate, upper, out int length);
        hash.AddBytes(upper[..length]);
        return hash.ToHashCode();
    }
}
