"""What can be set: by flags of the command line, environment variables `VOLTHERD_…`, or a file, in this order."""

from __future__ import annotations

import ipaddress
import re
from pathlib import Path
from typing import Literal, Self

from pydantic import ConfigDict, Field, Secret, SecretStr, model_validator
from pydantic.dataclasses import dataclass
from pydantic_settings import BaseSettings, SettingsConfigDict

from voltherd.gateway.limits import Limits


@dataclass(frozen=True, config=ConfigDict(extra="forbid"))
class Logging:
    """How Voltherd tells what it does: `level`, and lines as text or JSON."""

    level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = "INFO"
    format: Literal["text", "json"] = "text"


class DatabaseUrl(Secret[str]):
    """A database's address, which is shown without its password."""

    def _display(self) -> str:
        return re.sub("//([^/@:]*):.*@", r"//\1:***@", self.get_secret_value())


class Settings(BaseSettings):
    """A node's settings. Nested ones are written with `__`: `VOLTHERD_GATEWAY__HEARTBEAT_INTERVAL=60`."""

    model_config = SettingsConfigDict(env_prefix="VOLTHERD_", env_nested_delimiter="__", extra="forbid", frozen=True)

    host: str = Field(default="127.0.0.1", description="the address that both doors listen on")
    api_port: int = Field(default=8080, ge=0, le=65535, description="the operators' door; 0: any free port")
    ocpp_port: int = Field(default=9000, ge=0, le=65535, description="the stations' door; 0: any free port")
    data: Path = Field(default=Path("voltherd-data"), description="where the embedded database lives")
    database: DatabaseUrl | None = Field(default=None, description="instead of it: sqlite:///… or postgresql://…")
    api_key: SecretStr | None = Field(default=None, description="the administrator's key for the API")
    insecure: bool = Field(default=False, description="allow a public address without a key")
    node: str = Field(default="node-1", description="this machine's name among the nodes")
    gateway: Limits = Field(default_factory=Limits)
    logging: Logging = Field(default_factory=Logging)

    @model_validator(mode="after")
    def _public_needs_key(self) -> Self:
        if self.api_key is None and not self.insecure and not _is_loopback(self.host):
            raise ValueError(
                f"{self.host} is reachable by others: set an API key (VOLTHERD_API_KEY), or insecure=true to do without"
            )
        return self

    @property
    def database_url(self) -> str:
        """Where history is kept."""
        return self.shown_database if self.database is None else self.database.get_secret_value()

    @property
    def shown_database(self) -> str:
        """The same for people to read, without a password."""
        return f"sqlite:///{self.data / 'voltherd.db'}" if self.database is None else str(self.database)


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
