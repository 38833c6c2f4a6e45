namespace Sluice.Client;

/// <summary>
/// The exception that is thrown when a request got no reply: the connection failed or is closed, the request timed out, or too many wait. The inner exception
/// is the cause: a <see cref="TimeoutException"/> after <see cref="RequestChannelOptions.RequestTimeout"/>.
/// </summary>
public class RequestException : IOException
{
    /// <summary>Creates the exception with a default message.</summary>
    public RequestException()
        : base("The request got no reply.")
    {
    }

    /// <summary>Creates the exception with the given message.</summary>
    /// <param name="message">The message.</param>
    public RequestException(string? message)
        : base(message)
    {
    }

    /// <summary>Creates the exception with the given message and cause.</summary>
    /// <param name="message">The message.</param>
    /// <param name="innerException">The cause.</param>
    public RequestException(string? message, Exception? innerException)
        : base(message, innerException)
    {
    }

    internal RequestException(string message, Exception? innerException, RequestDelivery delivery)
        : base(message, innerException) => Delivery = delivery;

    /// <summary>Gets a value that tells whether the peer may have received the request, and so whether it is safe to send it again.</summary>
    public RequestDelivery Delivery { get; } = RequestDelivery.MaybeSent;
}
