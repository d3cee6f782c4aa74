
/*
 * Copyright (C) the ngx_sfu_module authors
 *
 * Times as signatures have them: YYYYMMDDTHHMMSSZ.
 */


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_sfu_sigv4_priv.h>


/* days from civil: Howard Hinnant, "chrono-Compatible Low-Level Date..." */

time_t
ngx_sfu_sigv4_parse_time(ngx_str_t *time)
{
    u_char     *p;
    ngx_int_t   year, month, day, hour, min, sec, era, yoe, doy, length;

    static ngx_int_t  mdays[] = {
        31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31
    };

    p = time->data;

    if (time->len != NGX_SFU_SIGV4_TIME_LEN || p[8] != 'T' || p[15] != 'Z') {
        return (time_t) NGX_ERROR;
    }

    year = ngx_sfu_sigv4_number(p, 4);
    month = ngx_sfu_sigv4_number(p + 4, 2);
    day = ngx_sfu_sigv4_number(p + 6, 2);
    hour = ngx_sfu_sigv4_number(p + 9, 2);
    min = ngx_sfu_sigv4_number(p + 11, 2);
    sec = ngx_sfu_sigv4_number(p + 13, 2);

    if (year < 1970 || month < 1 || month > 12 || hour < 0 || hour > 23
        || min < 0 || min > 59 || sec < 0 || sec > 59)
    {
        return (time_t) NGX_ERROR;
    }

    length = mdays[month - 1];

    if (month == 2 && year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)) {
        length++;
    }

    if (day < 1 || day > length) {
        return (time_t) NGX_ERROR;
    }

    /* years begin with March */

    if (month <= 2) {
        year--;
    }

    era = year / 400;
    yoe = year - era * 400;
    doy = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;

    return (time_t) (era * 146097 + yoe * 365 + yoe / 4 - yoe / 100 + doy
                     - 719468) * 86400
           + hour * 3600 + min * 60 + sec;
}


ngx_int_t
ngx_sfu_sigv4_number(u_char *p, size_t n)
{
    ngx_int_t  value;

    if (n == 0) {
        return NGX_ERROR;
    }

    for (value = 0; n--; p++) {
        if (*p < '0' || *p > '9' || value > 99999999) {
            return NGX_ERROR;
        }

        value = value * 10 + (*p - '0');
    }

    return value;
}
