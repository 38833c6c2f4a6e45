namespace Resp;

/// <summary>A value: bytes, a list of bytes, or a hash. The time is in milliseconds of the Unix epoch.</summary>
internal sealed class Entry(object value)
{
    public const long Never = long.MaxValue;

    public object Value { get; set; } = value;

    public long ExpiresAt { get; set; } = Never;
}
