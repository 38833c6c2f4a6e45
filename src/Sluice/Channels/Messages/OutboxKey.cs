namespace Sluice;

/// <summary>
/// Represents the subject of messages of <see cref="Outbox.PostLatest(OutboxKey, ReadOnlySpan{byte})"/>, such as a price or a player: a text or a
/// number, which convert to it.
/// </summary>
public readonly struct OutboxKey : IEquatable<OutboxKey>
{
    private readonly string? _text;
    private readonly long _number;

    /// <summary>Creates a key from a text, which is compared by its characters.</summary>
    /// <param name="text">The text.</param>
    public OutboxKey(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        _text = text;
    }

    /// <summary>Creates a key from a number.</summary>
    /// <param name="number">The number.</param>
    public OutboxKey(long number) => _number = number;

    /// <summary>Creates a key from a text.</summary>
    /// <param name="text">The text.</param>
    public static implicit operator OutboxKey(string text) => new(text);

    /// <summary>Creates a key from a number.</summary>
    /// <param name="number">The number.</param>
    public static implicit operator OutboxKey(long number) => new(number);

    /// <summary>Returns a value indicating whether two keys are equal.</summary>
    /// <param name="left">A key.</param>
    /// <param name="right">Another key.</param>
    public static bool operator ==(OutboxKey left, OutboxKey right) => left.Equals(right);

    /// <summary>Returns a value indicating whether two keys differ.</summary>
    /// <param name="left">A key.</param>
    /// <param name="right">Another key.</param>
    public static bool operator !=(OutboxKey left, OutboxKey right) => !left.Equals(right);

    /// <inheritdoc/>
    public bool Equals(OutboxKey other) => _number == other._number && string.Equals(_text, other._text, StringComparison.Ordinal);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is OutboxKey other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode() => _text is null ? _number.GetHashCode() : _text.GetHashCode(StringComparison.Ordinal);

    /// <summary>Returns the text, or the number.</summary>
    public override string ToString() => _text ?? _number.ToString(System.Globalization.CultureInfo.InvariantCulture);
}
