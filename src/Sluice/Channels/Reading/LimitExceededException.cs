namespace Sluice;

/// <summary>
/// What was to be read is longer than the limit that was given for it. Nothing of it was consumed: it can still be read as bytes, or again
/// with a higher limit.
/// </summary>
public class LimitExceededException : FormatException
{
    /// <summary>Creates the exception with a message of its own.</summary>
    public LimitExceededException()
        : base("What was to be read is longer than the limit.")
    {
    }

    /// <summary>Creates the exception with the given message.</summary>
    /// <param name="message">What happened.</param>
    public LimitExceededException(string? message)
        : base(message)
    {
    }

    /// <summary>Creates the exception with the given message and cause.</summary>
    /// <param name="message">What happened.</param>
    /// <param name="innerException">Why.</param>
    public LimitExceededException(string? message, Exception? innerException)
        : base(message, innerException)
    {
    }

    internal LimitExceededException(string what, long limit, long position, string? setting = null)
        : base($"The {what} that begins at byte {position} of the stream is longer than the limit of {limit} bytes{(setting is null ? "" : $" ({setting})")}.")
    {
        Limit = limit;
        Position = position;
    }

    /// <summary>The limit, in bytes.</summary>
    public long Limit { get; }

    /// <summary>Where it begins: how many bytes of the channel were read before it.</summary>
    public long Position { get; }
}
