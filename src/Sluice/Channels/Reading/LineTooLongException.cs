namespace Sluice;

/// <summary>
/// A line is longer than <see cref="LineReadOptions.MaxLength"/>. Nothing of it was consumed: it can still be read as bytes, or as a line
/// with a higher limit.
/// </summary>
public sealed class LineTooLongException : LimitExceededException
{
    /// <summary>Creates the exception with a message of its own.</summary>
    public LineTooLongException()
        : base("The line is too long.")
    {
    }

    /// <summary>Creates the exception with the given message.</summary>
    /// <param name="message">What happened.</param>
    public LineTooLongException(string? message)
        : base(message)
    {
    }

    /// <summary>Creates the exception with the given message and cause.</summary>
    /// <param name="message">What happened.</param>
    /// <param name="innerException">Why.</param>
    public LineTooLongException(string? message, Exception? innerException)
        : base(message, innerException)
    {
    }

    internal LineTooLongException(int limit, long position)
        : base("line", limit, position, $"{nameof(LineReadOptions)}.{nameof(LineReadOptions.MaxLength)}")
    {
    }
}
