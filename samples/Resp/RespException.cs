namespace Resp;

/// <summary>A command failed: the client gets the message, and the connection goes on.</summary>
internal sealed class RespException(string message) : Exception(message)
{
    public static RespException WrongType => new("WRONGTYPE Operation against a key holding the wrong kind of value");

    public static RespException Syntax => new("ERR syntax error");
}
