namespace Sluice;

/// <summary>
/// The exception that is thrown when a read finds more bytes than its limit. Nothing was consumed: the bytes can still be read as bytes, or with
/// a higher limit.
/// </summary>
public class LimitExceededException : FormatException
{
    /// <summary>Creates the exception with a default message.</summary>
    public LimitExceededException()
        : base("The data is longer than the limit.")
    {
    }

    /// <summary>Creates the exception with the given message.</summary>
    /// <param name="message">The message.</param>
    public LimitExceededException(string? message)
        : base(message)
    {
    }

    /// <summary>Creates the exception with the given message and cause.</summary>
    /// <param name="message">The message.</param>
    /// <param name="innerException">The cause.</param>
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

    /// <summary>Gets the limit, in bytes.</summary>
    public long Limit { get; }

    /// <summary>Gets the position of the data: how many bytes of the channel were read before it.</summary>
    public long Position { get; }
}
